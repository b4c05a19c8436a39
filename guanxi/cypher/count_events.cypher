MATCH (:Account)-[e:INTERACTION_EVENT]->() RETURN count(e) AS count
