select nvl(ENTRY, to_char(NUMERIC_ENTRY)) as VALUE, nullif(UNITS, 'NONE') as UNIT, coalesce(UNITS, ANALYSIS, 'x') as SHOWN from RESULT
