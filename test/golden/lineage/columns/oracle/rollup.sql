select PLAN_NAME, STATUS, grouping(STATUS) as IS_TOTAL, count(*) as N from SAMPLE group by rollup(PLAN_NAME, STATUS)
