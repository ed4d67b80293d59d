select p.plan_id, t.tag from plan p, unnest(['a', 'b']) as t(tag)
