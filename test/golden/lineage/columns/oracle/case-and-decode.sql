select case STATUS when 'A' then CHANGED_ON when 'C' then LOGIN_DATE end as DONE_ON, decode(STATUS, 'X', 'cancelled', PLAN_NAME) as WHAT, nvl2(PLAN_NAME, PLAN_VERSION, 0) as VERSION from SAMPLE
