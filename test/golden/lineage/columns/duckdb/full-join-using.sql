select sample_number, s.status, r.entry from sample s full join result r using (sample_number)
