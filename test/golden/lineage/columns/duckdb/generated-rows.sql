select s.sample_number, g.n from sample s, generate_series(1, s.plan_version) as g(n)
