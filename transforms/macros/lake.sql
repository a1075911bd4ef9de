{#- What DuckLake does not have yet, in the place of dbt-duckdb's own macros. -#}

{% macro duckdb__alter_column_comment(relation, column_dict) -%}
    {#-
        Comments on columns, as dbt-duckdb writes them; DuckLake takes none on columns of a view, where they are left out:
        the serving files get them from dbt's manifest.
    -#}
    {%- if not (relation.is_view and adapter.is_ducklake(relation)) -%}
        {%- set existing = adapter.get_columns_in_relation(relation) | map(attribute='name') | list -%}
        {%- for name in column_dict if name in existing %}
            comment on column {{ relation }}.{{ adapter.quote(name) if column_dict[name]['quote'] else name }}
                is {{ duckdb_escape_comment(column_dict[name]['description']) }};
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}
