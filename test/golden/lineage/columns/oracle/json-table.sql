select p.NAME, j.TITLE, j.POSITION from SAMPLE_PLAN p, json_table(p.SPECIFICATION, '$' columns (TITLE varchar2(80) path '$.title', nested path '$.items[*]' columns (POSITION number path '$.no'))) j
