select p.NAME, (select max(s.LOGIN_DATE) from SAMPLE s where s.PLAN_NAME = p.NAME and s.STATUS = 'A') as LAST_SAMPLE from SAMPLE_PLAN p
