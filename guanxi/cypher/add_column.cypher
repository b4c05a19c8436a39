CREATE (:GuanxiColumn {position: $position, name: $name, type: $type, property: $property})
