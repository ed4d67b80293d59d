select h.*, s.STATUS from HOLIDAYS h join SAMPLE s on s.LOGIN_DATE = h.DAY
