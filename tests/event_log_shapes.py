"""What an event log must look like: the structures of the standards, written down in our own words.

XES: IEEE Std 1849-2016 and its XML schema (structure and order of elements; a key is an xs:Name, the name of a classifier
and the scope of a global an xs:NCName). The published schema has no target namespace; ours has the one that logs bear.
OCEL 2.0 JSON: specification of 16 October 2023 and its JSON schema (four arrays, qualified relationships; each value is a
text, whatever type its attribute declares; the type is one of the five that the text names).
OCEL 2.0 SQLite: the same specification, constraints of the relational format (tables, keys, references, types of columns).
"""

from typing import Any

XES = """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns="http://www.xes-standard.org/"
  targetNamespace="http://www.xes-standard.org/" elementFormDefault="qualified">
  <xs:complexType name="plain"><xs:attribute name="key" type="xs:Name" use="required"/></xs:complexType>
  <xs:group name="attribute"><xs:choice>
    <xs:element name="string"><xs:complexType><xs:attribute name="key" type="xs:Name" use="required"/>
      <xs:attribute name="value" type="xs:string" use="required"/></xs:complexType></xs:element>
    <xs:element name="date"><xs:complexType><xs:attribute name="key" type="xs:Name" use="required"/>
      <xs:attribute name="value" type="xs:dateTime" use="required"/></xs:complexType></xs:element>
    <xs:element name="int"><xs:complexType><xs:attribute name="key" type="xs:Name" use="required"/>
      <xs:attribute name="value" type="xs:long" use="required"/></xs:complexType></xs:element>
    <xs:element name="float"><xs:complexType><xs:attribute name="key" type="xs:Name" use="required"/>
      <xs:attribute name="value" type="xs:double" use="required"/></xs:complexType></xs:element>
    <xs:element name="boolean"><xs:complexType><xs:attribute name="key" type="xs:Name" use="required"/>
      <xs:attribute name="value" type="xs:boolean" use="required"/></xs:complexType></xs:element>
  </xs:choice></xs:group>
  <xs:element name="log"><xs:complexType><xs:sequence>
    <xs:element name="extension" minOccurs="0" maxOccurs="unbounded"><xs:complexType>
      <xs:attribute name="name" type="xs:NCName" use="required"/><xs:attribute name="prefix" type="xs:NCName" use="required"/>
      <xs:attribute name="uri" type="xs:anyURI" use="required"/></xs:complexType></xs:element>
    <xs:element name="global" minOccurs="0" maxOccurs="2"><xs:complexType>
      <xs:sequence><xs:group ref="attribute" minOccurs="0" maxOccurs="unbounded"/></xs:sequence>
      <xs:attribute name="scope" type="xs:NCName" use="required"/></xs:complexType></xs:element>
    <xs:element name="classifier" minOccurs="0" maxOccurs="unbounded"><xs:complexType>
      <xs:attribute name="name" type="xs:NCName" use="required"/><xs:attribute name="scope" type="xs:NCName"/>
      <xs:attribute name="keys" type="xs:token" use="required"/></xs:complexType></xs:element>
    <xs:group ref="attribute" minOccurs="0" maxOccurs="unbounded"/>
    <xs:element name="trace" minOccurs="0" maxOccurs="unbounded"><xs:complexType><xs:sequence>
      <xs:group ref="attribute" minOccurs="0" maxOccurs="unbounded"/>
      <xs:element name="event" minOccurs="0" maxOccurs="unbounded"><xs:complexType><xs:sequence>
        <xs:group ref="attribute" minOccurs="0" maxOccurs="unbounded"/></xs:sequence></xs:complexType></xs:element>
      </xs:sequence></xs:complexType></xs:element>
    </xs:sequence>
    <xs:attribute name="xes.version" type="xs:decimal" use="required"/>
    <xs:attribute name="xes.features" type="xs:token" use="required"/>
  </xs:complexType></xs:element>
</xs:schema>"""


def _listed(**of: Any) -> dict[str, Any]:
    return {
        "type": "array",
        "items": {"type": "object", "required": list(of), "properties": of, "additionalProperties": False},
    }


TEXT, TIME = {"type": "string"}, {"type": "string", "format": "date-time"}
TYPES = _listed(
    name=TEXT, attributes=_listed(name=TEXT, type={"enum": ["string", "time", "integer", "float", "boolean"]})
)
LINKS = _listed(objectId=TEXT, qualifier=TEXT)
OCEL: dict[str, Any] = {
    "type": "object",
    "required": ["eventTypes", "objectTypes", "events", "objects"],
    "properties": {
        "eventTypes": TYPES,
        "objectTypes": TYPES,
        "events": _listed(
            id=TEXT, type=TEXT, time=TIME, attributes=_listed(name=TEXT, value=TEXT), relationships=LINKS
        ),
        "objects": _listed(
            id=TEXT, type=TEXT, attributes=_listed(name=TEXT, time=TIME, value=TEXT), relationships=LINKS
        ),
    },
    "additionalProperties": False,
}
