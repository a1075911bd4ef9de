{#- Segments of an audience are named `dimension=value`, such as `country=DE`; a value may itself hold an equals sign. -#}

{% macro segment_dimension(entity_id) -%}
    {#- What stands before the first equals sign; missing where there is none. -#}
    case when position('=' in {{ entity_id }}) > 1 then substr({{ entity_id }}, 1, position('=' in {{ entity_id }}) - 1) end
{%- endmacro %}


{% macro segment_value(entity_id) -%}
    {#- What stands behind the first equals sign; the whole name where there is none. -#}
    case
        when position('=' in {{ entity_id }}) > 1 then substr({{ entity_id }}, position('=' in {{ entity_id }}) + 1)
        else {{ entity_id }}
    end
{%- endmacro %}
