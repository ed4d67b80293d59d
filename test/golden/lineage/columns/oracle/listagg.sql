select SAMPLE_NUMBER, listagg(ANALYSIS || '=' || ENTRY, '; ') within group (order by CHANGED_ON) as ENTRIES from RESULT group by SAMPLE_NUMBER
