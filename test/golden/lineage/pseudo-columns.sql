select rowid rid, plan_id, user, level, ora_rowscn from plan where rownum < 10
