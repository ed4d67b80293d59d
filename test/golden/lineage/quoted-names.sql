select m."Id", m."a""b", m.id from "Mixed Case" m
