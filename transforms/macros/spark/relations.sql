{#-
    Where Spark keeps what dbt builds, and what it finds when a run begins. There is no metastore: a table is a directory of
    Parquet files, `<FABRIC_SPARK_DIR>/tables/<schema>/<name>`, that every run registers anew in a catalogue in memory.
-#}

{% macro register_relations() -%}
    {{ return(adapter.dispatch('register_relations')()) }}
{%- endmacro %}

{% macro default__register_relations() -%}{%- endmacro %}

{% macro spark__register_relations() -%}
    {#-
        Runs the statements that `connectors.warehouse.spark` left in session.json: raw tables, and tables of earlier runs that
        this run reads without building them.
    -#}
    {%- if execute -%}
        {%- set built = [] -%}
        {%- for node in graph.nodes.values() if node.unique_id in selected_resources -%}
            {%- do built.append(node.schema ~ '.' ~ node.name) -%}
        {%- endfor -%}
        {%- set listed = run_query(
            'select relation, statement from json.`' ~ env_var('FABRIC_SPARK_DIR') ~ '/session.json` order by position'
        ) -%}
        {%- for row in listed.rows if row['relation'] not in built -%}
            {%- do run_query(row['statement']) -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}


{% macro spark__location_clause() -%}
    location '{{ env_var('FABRIC_SPARK_DIR') }}/tables/{{ this.schema }}/{{ this.identifier }}'
{%- endmacro %}


{% macro spark__create_table_as(temporary, relation, compiled_code, language='sql') -%}
    create table {{ relation }}
    using parquet
    {{ location_clause() }}
    as
    {{ in_spark_words(compiled_code) }}
{%- endmacro %}


{% macro in_spark_words(query) -%}
    {#- A model's query with the words that Spark spells differently: text and times as types, rounding, the last value. -#}
    {%- set words = {
        '\\bas varchar\\)': 'as string)',
        '\\bas timestamp\\)': 'as timestamp_ntz)',
        '\\bas (timestamp with time zone|timestamptz)\\)': 'as timestamp)',
        '\\bround\\(': 'rounded(',
        '\\blast_value\\(([^()]+) ignore nulls\\)': 'last_value(\\1) ignore nulls',
    } -%}
    {%- set spoken = namespace(query=query) -%}
    {%- for here, there in words.items() -%}
        {%- set spoken.query = modules.re.sub(here, there, spoken.query) -%}
    {%- endfor -%}
    {{ return(spoken.query) }}
{%- endmacro %}
