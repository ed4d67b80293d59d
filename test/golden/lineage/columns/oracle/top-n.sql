select * from (select SAMPLE_NUMBER, STATUS from SAMPLE order by LOGIN_DATE desc) where ROWNUM <= 10
