select * from (select SAMPLE_NUMBER, ANALYSIS, NUMERIC_ENTRY from RESULT) pivot (max(NUMERIC_ENTRY) as VALUE, count(*) as N for ANALYSIS in ('PH' as PH, 'TEMP' as TEMPERATURE))
