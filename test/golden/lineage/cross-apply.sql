select p.plan_id, k.note from plan p cross apply (select note from plan_step s where s.plan_id = p.plan_id) k
