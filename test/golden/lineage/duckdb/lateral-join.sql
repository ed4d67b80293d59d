select p.plan_id, l.step_no, l.plan_name from plan p, lateral (select s.step_no, p.name as plan_name from plan_step s where s.plan_id = p.plan_id order by s.step_no limit 1) l
