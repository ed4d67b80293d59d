select "Sample type" as "Type of sample", C$LOCATION from SAMPLE_PLAN where "Sample type" is not null
