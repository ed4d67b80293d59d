select * from SAMPLE
