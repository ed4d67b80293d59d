select SAMPLE_NUMBER, case when exists (select 1 from RESULT r where r.SAMPLE_NUMBER = s.SAMPLE_NUMBER and r.UNITS = 'mg') then PLAN_NAME end as PLAN_IF_MEASURED from SAMPLE s
