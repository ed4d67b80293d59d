select SAMPLE_NUMBER, "'PH'" as PH from (select SAMPLE_NUMBER, ANALYSIS, ENTRY from RESULT) pivot (min(ENTRY) for ANALYSIS in ('PH', 'TEMP')) where "'TEMP'" is not null
