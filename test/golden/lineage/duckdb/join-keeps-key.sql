select s.plan_id, s.step_no, p.name from plan_step s join plan p on p.plan_id = s.plan_id left join site t on t.site_id = p.site_id
