select 1 as ONE, 'x' as X, null as NOTHING, date '2024-01-31' as DAY from DUAL
