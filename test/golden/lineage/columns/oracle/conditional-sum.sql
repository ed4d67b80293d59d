select PLAN_NAME, sum(case when STATUS = 'A' then 1 else 0 end) as AUTHORISED, max(decode(STATUS, 'C', CHANGED_ON)) as LAST_COMPLETED from SAMPLE group by PLAN_NAME
