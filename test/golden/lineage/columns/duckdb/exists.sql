select name from sample_plan p where exists (from sample s where s.plan_name = p.name and s.status = 'A')
