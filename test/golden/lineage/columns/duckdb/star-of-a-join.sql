select r.*, s.* exclude (sample_number) from result r join sample s using (sample_number)
