select SAMPLE_NUMBER, ENTRY from (select r.*, row_number() over (partition by SAMPLE_NUMBER, ANALYSIS order by CHANGED_ON desc) as RN from RESULT r) where RN = 1
