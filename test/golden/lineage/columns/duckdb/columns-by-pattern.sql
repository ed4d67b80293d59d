select columns('.*_NUMBER'), max(columns(* exclude (entry, units))) from result group by all
