select SAMPLE_NUMBER from SAMPLE where STATUS in ('C', 'A') and LOGIN_DATE >= trunc(sysdate) - :days and (PLAN_NAME like 'WATER%' or PLAN_VERSION is null)
