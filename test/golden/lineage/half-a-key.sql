select s.step_no, p.plan_id from plan p, plan_step s where s.plan_id = p.plan_id
