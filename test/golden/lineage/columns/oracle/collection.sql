select p.NAME, c.COLUMN_VALUE as PART from SAMPLE_PLAN p, table(split(p.DESCRIPTION)) c
