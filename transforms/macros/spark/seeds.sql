{#- Seeds on Spark: dbt-spark quotes no text and knows no missing value, so the rows are written out here. -#}

{% macro spark__create_csv_table(model, agate_table) -%}
    {%- set types = model['config'].get('column_types', {}) -%}
    {%- do run_query('drop table if exists ' ~ this) -%}
    {%- set statement -%}
        create table {{ this }} (
            {%- for column in agate_table.column_names %}
            {{ column }} {{ types[column] | replace('varchar', 'string') }}{{ ',' if not loop.last }}
            {%- endfor %}
        )
        using parquet
        {{ location_clause() }}
    {%- endset -%}
    {%- do run_query(statement) -%}
    {{ return(statement) }}
{%- endmacro %}


{% macro spark__load_csv_rows(model, agate_table) -%}
    {%- set types = model['config'].get('column_types', {}) -%}
    {%- set statement -%}
        insert overwrite table {{ this }} values
        {%- for row in agate_table.rows %}
        ({% for value in row %}{{ spark_literal(value, types[agate_table.column_names[loop.index0]]) }}{{ ', ' if not loop.last }}{% endfor %})
        {{- ',' if not loop.last }}
        {%- endfor %}
    {%- endset -%}
    {%- do run_query(statement) -%}
    {{ return(statement) }}
{%- endmacro %}


{% macro spark_literal(value, type) -%}
    {%- set kind = type | replace('varchar', 'string') -%}
    {%- if value is none -%}
        cast(null as {{ kind }})
    {%- else -%}
        cast('{{ value | string | replace("\\", "\\\\") | replace("'", "\\'") }}' as {{ kind }})
    {%- endif -%}
{%- endmacro %}
