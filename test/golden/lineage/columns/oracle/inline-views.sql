select d.DAY, d.N, t.TOTAL from (select trunc(LOGIN_DATE) as DAY, count(*) as N from SAMPLE group by trunc(LOGIN_DATE)) d, (select sum(BATCH_SIZE) as TOTAL from SAMPLE_PLAN) t where d.N > 10
