select r.RESULT_NUMBER, r.ENTRY from RESULT r where r.NUMERIC_ENTRY > (select avg(o.NUMERIC_ENTRY) from RESULT o where o.ANALYSIS = r.ANALYSIS)
