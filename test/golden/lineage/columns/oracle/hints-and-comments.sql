select /*+ index(s SAMPLE_PK) parallel(4) */ s.SAMPLE_NUMBER, -- the key
  /* as logged */ s.LOGIN_DATE from SAMPLE s
