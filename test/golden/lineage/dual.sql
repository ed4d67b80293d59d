select p.plan_id, d.dummy from plan p cross join dual d
