select v.code, v.label, s.sample_number from (values ('A', 'authorised'), ('X', 'cancelled')) as v(code, label) join sample s on s.status = v.code
