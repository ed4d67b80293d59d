select * from (select sample_number, analysis, entry from result) pivot (first(entry) for analysis in ('PH', 'TEMP'))
