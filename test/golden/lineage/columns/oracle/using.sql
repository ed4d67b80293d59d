select SAMPLE_NUMBER, s.STATUS, r.ENTRY from SAMPLE s left join RESULT r using (SAMPLE_NUMBER)
