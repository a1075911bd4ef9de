{% macro generate_schema_name(custom_schema_name, node) -%}
    {#- Schemas carry exactly the configured name: `marts`, not `main_marts`. -#}
    {{ custom_schema_name | trim if custom_schema_name else target.schema }}
{%- endmacro %}
