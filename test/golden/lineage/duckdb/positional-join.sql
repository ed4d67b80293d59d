select p.plan_id, s.code from plan p positional join site s
