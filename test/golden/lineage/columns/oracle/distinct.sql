select distinct PLAN_NAME, STATUS from SAMPLE
