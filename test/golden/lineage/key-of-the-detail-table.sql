select s.plan_id, s.step_no, p.name from plan p, plan_step s where s.plan_id = p.plan_id
