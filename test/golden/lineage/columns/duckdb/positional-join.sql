select s.sample_number, p.name from sample s positional join product p
