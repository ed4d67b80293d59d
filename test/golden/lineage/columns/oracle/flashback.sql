select s.SAMPLE_NUMBER, s.STATUS as BEFORE from SAMPLE as of scn :scn s where s.ORA_ROWSCN > :since
