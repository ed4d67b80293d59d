select p.plan_id, t.step_no, s.name from (plan_step t join plan p on p.plan_id = t.plan_id) join site s on s.site_id = p.site_id
